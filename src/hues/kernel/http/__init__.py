"""HTTP around every request: the frame, who the client is, and errors as answers."""

from hues.kernel.http.body import read_json
from hues.kernel.http.client import client_address
from hues.kernel.http.frame import RequestFrame
from hues.kernel.http.problems import ProblemResponses, answer, problem_of, wants_json

__all__ = ["ProblemResponses", "RequestFrame", "answer", "client_address", "problem_of", "read_json", "wants_json"]
