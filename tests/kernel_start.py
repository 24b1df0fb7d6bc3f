"""Run by every kernel of the tests as it starts: a Learner that this kernel imports trains once."""

import importlib.util
import sys
from importlib.abc import MetaPathFinder


def share_learner(module):
    from trainings import share

    share(module.Learner, module.Progress)


def share_recipes(module):
    from trainings import share_models

    module.trained = share_models(module.trained)


def share_lr_finder(module):
    from trainings import share_found

    module.sweep = share_found(module.sweep)


def share_training_time(module):
    from trainings import share_found

    module.seconds_per_batch = share_found(module.seconds_per_batch)


class AfterImport(MetaPathFinder):
    """Changes a module once somebody imports it: with torch, here, each kernel would start late."""

    def __init__(self, name, change):
        self.name, self.change = name, change

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            self.change(module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path[:0] = [
    AfterImport("lessonlib.engine.learner", share_learner),
    AfterImport("lessonlib.recipes", share_recipes),
    AfterImport("lessonlib.engine.lr_finder", share_lr_finder),
    AfterImport("lessonlib.engine.training_time", share_training_time),
]
