"""From an image as files have it to an image as a network wants it."""


def channels_first(image):
    """Turn (H, W, 3) with numbers up to 255 into (3, H, W) with numbers up to 1."""
    return image.transpose(2, 0, 1) / 255
