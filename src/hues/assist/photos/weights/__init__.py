"""Weights of the face detector, as files of the package; `make.py` says where they come from."""
