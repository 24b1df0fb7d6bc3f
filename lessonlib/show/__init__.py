"""What draws: figures, charts, colours, and pictures as they are shown."""
