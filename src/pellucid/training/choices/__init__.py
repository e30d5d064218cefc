"""What is asked of a training, and what is chosen for it: wishes, rules of thumb, the recipe."""
