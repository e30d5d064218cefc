"""Writing a network with its preprocessing as an ONNX graph. Needs torch, onnx and onnxscript."""
