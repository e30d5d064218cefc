"""What is counted, and how: the one place where the ledger's conventions are written.

They are the field's where it has one; the rest is said so that a figure can be recounted by hand.
"""

#: Printed with the totals.
CONVENTIONS = (
    "A MAC is one multiply-add; FLOPs = 2·MACs.",
    "A shared weight counts once as a parameter, and each time it is used as MACs.",
    "Products with the zeros of padding count as MACs, as is usual; 'products' leaves them out.",
    "A transposed convolution counts the products of its input cells, not those with inserted "
    "zeros; 'products' leaves out what is cropped.",
    "Additions (biases, sums of branches), pooling, and other operations (normalisation, "
    "activations) are counted apart, never as MACs.",
)

#: The rest of them.
DETAILS = (
    "Pooling, means and sums: one for each cell of each window.",
    "Activations and arithmetic value by value: one a value; softmax: three.",
    "Batch norm, folded for evaluation: two a value. Layer, group and instance norm: five a value "
    "for the statistics, one for the scale, one for the shift. Local response norm over n maps: "
    "n + 4 a value.",
    "Interpolation between cells: two for each cell read. Variances: four a value.",
    "Moving, joining, cutting and padding of tensors, and dropout in evaluation, count nothing.",
    "Activation bytes: every result that takes memory of its own (none in place, none of views).",
    "The receptive field is that of windows; statistics that a normalisation takes over the image "
    "are not counted as seeing it. Behind a layer that enlarges it is an upper bound.",
)
