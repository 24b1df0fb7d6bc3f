"""What carries a lesson's code: pictures, transforms, loaders, training, saved models, data."""
