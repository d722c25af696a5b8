"""Faces and number plates are hidden in what the public sees of a photo; videos are re-encoded.

Nothing here is imported by web processes or stays in the worker that is heavy: models, OpenCV and FFmpeg live in child
processes that end (`hide`, `film`). See README.md beside this file.
"""
