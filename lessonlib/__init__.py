"""The library that the lessons build: what a learner uses, by the lesson that brings it.

A name is imported when it is first asked for: `import lessonlib` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # so that editors know the names, and what they are
    from lessonlib.block import (
        Categorize, CategoryBlock, DataBlock, ImageBlock, MultiCategorize, MultiCategoryBlock,
        PointBlock, RegressionBlock, TransformBlock, as_list, to_float,
    )  # fmt: skip
    from lessonlib.data import (
        BatchSampler, DataLoader, DataLoaders, Datasets, RandomSampler, SequentialSampler, apply,
        collate,
    )  # fmt: skip
    from lessonlib.engine.bars import watched
    from lessonlib.engine.bodies import pretrained
    from lessonlib.engine.catalog import bears, biwi, pascal
    from lessonlib.engine.folder_walk import visible_files
    from lessonlib.engine.images import open_image
    from lessonlib.engine.leaks import leaks
    from lessonlib.engine.learner import Learner, spread
    from lessonlib.engine.loaders import Getter, TfmdDataLoaders, has_points
    from lessonlib.engine.lr_finder import SuggestedLRs, smooth, suggest
    from lessonlib.engine.photos import near_duplicates, verify_images
    from lessonlib.engine.predicting import load_learner
    from lessonlib.engine.saving import answers_alone, files_of
    from lessonlib.engine.score_figures import (
        plot_intervals, plot_reliability, plot_thresholds, show_2x2,
    )  # fmt: skip
    from lessonlib.engine.subset import in_proportion, tell_part
    from lessonlib.engine.transforms import (
        Normalize, RandomGeometry, RandomResizedCrop, Resize, aug_transforms, box_matrix,
        int_to_float,
    )  # fmt: skip
    from lessonlib.engine.vision import add_normalize, vision_learner
    from lessonlib.explorers.band_cockpit import BandExplorer
    from lessonlib.explorers.bear_app import BearApp
    from lessonlib.explorers.bear_page import page_script
    from lessonlib.explorers.bear_samples import sample_pictures
    from lessonlib.explorers.class_cockpit import ClassThresholdExplorer
    from lessonlib.explorers.cockpit import ThresholdExplorer
    from lessonlib.explorers.geometry import MOVES, geometry_studio, moved
    from lessonlib.explorers.scalar import bce_microscope, draw_graph
    from lessonlib.explorers.training import one_cycle_explorer, one_cycle_rates
    from lessonlib.explorers.widgets import (
        batch_explorer, bce_cell, bce_explorer, crop_explorer, label_explorer, row_explorer,
    )  # fmt: skip
    from lessonlib.geometry import (
        affine_matrices, in_picture, move_points, random_crop_box, sampling_matrix,
    )  # fmt: skip
    from lessonlib.getters import (
        ColReader, ColSplitter, FuncSplitter, GroupSplitter, RandomSplitter, get_image_files,
        parent_label, parent_labels, split_by,
    )  # fmt: skip
    from lessonlib.guards.tables import read_table
    from lessonlib.losses import binary_cross_entropy, huber_loss, l1_loss, mse_loss, point_loss
    from lessonlib.metrics import (
        accuracy, accuracy_multi, average_precision, baselines, calibration_curve, confusion_2x2,
        exact_match, f1_multi, jaccard_multi, mean_average_precision, precision_multi, ratio,
        recall_multi, wilson_interval,
    )  # fmt: skip
    from lessonlib.models import (
        ConcatPool, SigmoidRange, SoftArgmax, VisionModel, base_rate_bias, cell_centres,
        create_head, create_point_head, param_groups, sigmoid_range,
    )  # fmt: skip
    from lessonlib.points import (
        Calibration, Pose, compare_with_mean, head_centre, img2pose, mean_point, median_px, person,
        pixel_errors, project, read_calibration, read_pose, read_rows, scale_points, to_points,
        unscale_points,
    )  # fmt: skip
    from lessonlib.recipes import (
        bear_learner, biwi_frames, biwi_learner, pascal_learner, train_points, trained,
    )  # fmt: skip
    from lessonlib.scalar import (
        Scalar, backward, cell_cost, exp, in_order, inverse, log, stable_cell_cost,
    )  # fmt: skip
    from lessonlib.show.figures import (
        COLOURS, plot_bars, plot_curves, show_figure, show_heatmap, show_images,
    )  # fmt: skip
    from lessonlib.thresholds import (
        ThresholdCurve, answered, best_threshold, bootstrap_band, gain, optimism,
        per_class_thresholds, threshold_curve, unsure,
    )  # fmt: skip

BROUGHT = {  # by each lesson: in which file, what
    "00": {
        "engine.catalog": "pascal",
        "engine.images": "open_image",
        "explorers.widgets": "label_explorer",
        "show.figures": "show_images plot_bars",
    },
    "01": {
        "explorers.widgets": "row_explorer",
        "show.figures": "COLOURS show_figure show_heatmap",
    },
    "02": {
        "data": (
            "DataLoader collate SequentialSampler RandomSampler BatchSampler apply Datasets "
            "DataLoaders"
        ),
        "engine.transforms": "RandomResizedCrop Resize",
        "explorers.widgets": "batch_explorer crop_explorer",
    },
    "03": {
        "block": (
            "CategoryBlock DataBlock ImageBlock MultiCategoryBlock TransformBlock Categorize "
            "MultiCategorize as_list to_float RegressionBlock"
        ),
        "engine.folder_walk": "visible_files",
        "engine.loaders": "Getter TfmdDataLoaders",
        "engine.transforms": "aug_transforms Normalize int_to_float",
        "engine.leaks": "leaks",
        "geometry": "random_crop_box",
        "getters": (
            "ColReader ColSplitter FuncSplitter RandomSplitter split_by GroupSplitter "
            "get_image_files parent_label parent_labels"
        ),
        "losses": "mse_loss",
        "show.figures": "plot_curves",
    },
    "04": {
        "explorers.widgets": "bce_explorer bce_cell",
        "losses": "binary_cross_entropy",
        "metrics": "accuracy accuracy_multi baselines",
    },
    "05": {
        "engine.bodies": "pretrained",
        "engine.learner": "Learner spread",
        "engine.lr_finder": "SuggestedLRs smooth suggest",
        "engine.predicting": "load_learner",
        "engine.saving": "files_of",
        "engine.subset": "in_proportion tell_part",
        "engine.vision": "vision_learner",
        "explorers.training": "one_cycle_explorer one_cycle_rates",
        "models": ("SigmoidRange param_groups ConcatPool create_head base_rate_bias VisionModel"),
        "recipes": "pascal_learner trained",
    },
    "06": {
        "engine.bars": "watched",
        "engine.score_figures": "plot_thresholds",
        "explorers.class_cockpit": "ClassThresholdExplorer",
        "explorers.cockpit": "ThresholdExplorer",
        "metrics": (
            "mean_average_precision confusion_2x2 ratio precision_multi recall_multi f1_multi "
            "jaccard_multi exact_match average_precision calibration_curve"
        ),
        "thresholds": (
            "threshold_curve ThresholdCurve best_threshold bootstrap_band "
            "per_class_thresholds gain optimism"
        ),
    },
    "07": {
        "block": "PointBlock",
        "engine.catalog": "biwi",
        "engine.loaders": "has_points",
        "engine.score_figures": "plot_intervals",
        "engine.transforms": "RandomGeometry box_matrix",
        "engine.vision": "add_normalize",
        "explorers.geometry": "geometry_studio MOVES moved",
        "geometry": "move_points affine_matrices in_picture sampling_matrix",
        "losses": "point_loss l1_loss huber_loss",
        "models": "sigmoid_range cell_centres SoftArgmax create_point_head",
        "points": (
            "head_centre scale_points unscale_points person to_points compare_with_mean "
            "img2pose read_rows Pose read_pose Calibration read_calibration project "
            "pixel_errors median_px mean_point"
        ),
        "recipes": "biwi_frames biwi_learner train_points",
    },
    "08": {
        "engine.catalog": "bears",
        "engine.photos": "near_duplicates verify_images",
        "engine.score_figures": "show_2x2 plot_reliability",
        "explorers.band_cockpit": "BandExplorer",
        "metrics": "wilson_interval",
        "recipes": "bear_learner",
        "thresholds": "unsure answered",
    },
    "10": {
        "explorers.scalar": "bce_microscope draw_graph",
        "guards.tables": "read_table",
        "scalar": "Scalar exp log inverse in_order backward cell_cost stable_cell_cost",
    },
    "bear_app": {
        "engine.saving": "answers_alone",
        "explorers.bear_app": "BearApp",
        "explorers.bear_page": "page_script",
        "explorers.bear_samples": "sample_pictures",
    },
}
PLACES = {
    name: place
    for places in BROUGHT.values()
    for place, names in places.items()
    for name in names.split()
}
__all__ = [*PLACES]


def __getattr__(name: str) -> Any:
    """Import what is asked for from where it stands."""
    if name not in PLACES:
        raise AttributeError(f"lessonlib has no {name!r}")
    return getattr(import_module(f"lessonlib.{PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *PLACES})
