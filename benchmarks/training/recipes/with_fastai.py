"""fastai's ``vision_learner``, as its tutorial has it, but from scratch.

"Computer vision intro" (https://docs.fast.ai/tutorial.vision.html): images resized to a square
(squashed or cropped by ``Resize``'s default), ``aug_transforms`` on batches of 64, then the
one-cycle policy. ``vision_learner`` with ``pretrained=False`` trains all layers, so there is
nothing to freeze and ``fit_one_cycle`` takes the place of ``fine_tune``. Sets of small images
(32 pixels at most) are taken as they are, without ``aug_transforms``: mirrored digits are others.
"""

from epochs import Epochs, arguments

SMALL = 32


def main() -> None:
    small = wishes.side <= SMALL
    loaders = ImageDataLoaders.from_folder(
        wishes.data,
        train="train",
        valid="test",
        item_tfms=Resize(wishes.side),
        batch_tfms=None if small else aug_transforms(),
    )
    learner = vision_learner(loaders, resnet18, metrics=accuracy, pretrained=False)
    epochs = Epochs(len(loaders.train_ds), "fastai", "torch", "torchvision", "numpy")

    class Told(Callback):
        order = Recorder.order + 1

        def after_epoch(self) -> None:
            epochs.done(float(self.learn.recorder.values[-1][-1]))

    with learner.no_bar(), learner.no_logging():
        learner.fit_one_cycle(wishes.epochs, cbs=Told())


if __name__ == "__main__":
    wishes = arguments()
    from fastai.vision.all import (
        Callback,
        ImageDataLoaders,
        Recorder,
        Resize,
        accuracy,
        aug_transforms,
        resnet18,
        set_seed,
        vision_learner,
    )

    set_seed(wishes.seed)
    main()
