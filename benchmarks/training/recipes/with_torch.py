"""PyTorch's tutorials: the loop with torchvision's resnet18, and with a small CNN.

``small``: "Training a Classifier" (https://docs.pytorch.org/tutorials/beginner/blitz/
cifar10_tutorial.html): two convolutions of 5×5 and three linear layers, images of 32 pixels scaled
to -1 … 1. ``resnet18``: "Transfer Learning for Computer Vision"
(https://docs.pytorch.org/tutorials/beginner/transfer_learning_tutorial.html), from scratch:
random crops and flips. Both: ImageFolder, DataLoader with 2 workers, batches of 4, SGD with
learning rate 0.001 and momentum 0.9. The second tutorial's schedule (a tenth after every 7
epochs) is for weights that are nearly right already; from scratch it would end the training
early, so it is left out. Sets of small images (32 pixels at most) are neither cropped nor
mirrored, as in the first tutorial.
"""

from epochs import Epochs, arguments

SMALL = 32


def small_network(classes: int, channels: int, side: int) -> "nn.Module":
    left = ((side - 4) // 2 - 4) // 2
    return nn.Sequential(
        nn.Conv2d(channels, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * left * left, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, classes),
    )


def plain() -> "tuple[transforms.Compose, transforms.Compose]":
    """Of the first tutorial: for training, and for scoring."""
    steps = [transforms.Resize((wishes.side, wishes.side)), transforms.ToTensor()]
    if small_cnn and wishes.gray:
        steps.insert(0, transforms.Grayscale())
    channels = 1 if small_cnn and wishes.gray else 3
    steps.append(transforms.Normalize((0.5,) * channels, (0.5,) * channels))
    return transforms.Compose(steps), transforms.Compose(steps)


def cropped() -> "tuple[transforms.Compose, transforms.Compose]":
    """Of the second."""
    side = wishes.side
    last = [
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
    varied = [transforms.RandomResizedCrop(side), transforms.RandomHorizontalFlip()]
    centre = [transforms.Resize(round(side * 256 / 224)), transforms.CenterCrop(side)]
    return transforms.Compose([*varied, *last]), transforms.Compose([*centre, *last])


def right(network: "nn.Module", loader: "DataLoader") -> int:
    network.eval()
    with torch.no_grad():
        return sum(int((network(x).argmax(1) == y).sum()) for x, y in loader)


def main() -> None:
    kinds = plain() if small_cnn or wishes.side <= SMALL else cropped()
    sets = [
        datasets.ImageFolder(wishes.data / part, kind)
        for part, kind in zip(("train", "test"), kinds, strict=True)
    ]
    train, test = (
        DataLoader(images, batch_size=4, shuffle=number == 0, num_workers=2)
        for number, images in enumerate(sets)
    )
    classes = len(sets[0].classes)
    if small_cnn:
        network = small_network(classes, 1 if wishes.gray else 3, wishes.side)
    else:
        network = models.resnet18(weights=None, num_classes=classes)
    criterion = nn.CrossEntropyLoss()
    optimiser = optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
    epochs = Epochs(len(sets[0]), "torch", "torchvision", "numpy")
    for _ in range(wishes.epochs):
        network.train()
        for inputs, labels in train:
            optimiser.zero_grad()
            criterion(network(inputs), labels).backward()
            optimiser.step()
        epochs.done(right(network, test) / len(sets[1]))


if __name__ == "__main__":
    wishes = arguments(("--network", {"choices": ["small", "resnet18"], "required": True}))
    small_cnn = wishes.network == "small"
    import torch
    from torch import nn, optim
    from torch.utils.data import DataLoader
    from torchvision import datasets, models, transforms

    torch.manual_seed(wishes.seed)
    main()
