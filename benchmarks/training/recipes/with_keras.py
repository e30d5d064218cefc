"""Keras 3 on TensorFlow, as its tutorials have it.

Up to 32 pixels: "Simple MNIST convnet" (https://keras.io/examples/vision/mnist_convnet/): two
convolutions, dropout, Adam, batches of 128. Photographs: "Image classification"
(https://www.tensorflow.org/tutorials/images/classification): three convolutions, flips, rotations
and zooms, Adam, batches of 32, the decoded images kept in memory. The other guide for photographs,
https://keras.io/examples/vision/image_classification_from_scratch/, has a small Xception, which
takes many times the work an image. Images come from ``image_dataset_from_directory`` in all three.
"""

from epochs import Epochs, arguments

SMALL = 32


def mnist_convnet(classes: int, shape: tuple[int, int, int]) -> "keras.Model":
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(classes),
        ]
    )


def photo_convnet(classes: int, shape: tuple[int, int, int]) -> "keras.Model":
    varied = [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
        layers.RandomZoom(0.1),
        layers.Rescaling(1 / 255),
    ]
    stages = [
        layer
        for filters in (16, 32, 64)
        for layer in (
            layers.Conv2D(filters, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
        )
    ]
    head = [
        layers.Dropout(0.2),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dense(classes),
    ]
    return keras.Sequential([keras.Input(shape), *varied, *stages, *head])


def main() -> None:
    small = wishes.side <= SMALL

    def images(part: str) -> "tf.data.Dataset":
        return keras.utils.image_dataset_from_directory(
            wishes.data / part,
            image_size=(wishes.side, wishes.side),
            color_mode="grayscale" if wishes.gray else "rgb",
            batch_size=128 if small else 32,
            shuffle=part == "train",
            seed=wishes.seed,
        )

    train, test = images("train"), images("test")
    classes, count = len(train.class_names), len(train.file_paths)
    train = train.cache().shuffle(1000).prefetch(tf.data.AUTOTUNE)
    test = test.cache().prefetch(tf.data.AUTOTUNE)
    build = mnist_convnet if small else photo_convnet
    model = build(classes, (wishes.side, wishes.side, 1 if wishes.gray else 3))
    model.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    epochs = Epochs(count, "keras", "tensorflow-cpu", "numpy")
    told = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epochs.done(logs["val_accuracy"])
    )
    model.fit(train, validation_data=test, epochs=wishes.epochs, callbacks=[told], verbose=0)


if __name__ == "__main__":
    wishes = arguments()
    import keras
    import tensorflow as tf
    from keras import layers

    keras.utils.set_random_seed(wishes.seed)
    main()
