"""What a finished training is worth: its temperature, its answers, its mistakes."""
