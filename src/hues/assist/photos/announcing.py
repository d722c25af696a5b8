"""Whoever stores a photo or a video has its masking begun, without knowing of us."""

from uuid import UUID

from hues.kernel.files import WHEN_STORED


def _begin(file_id: UUID, is_video: bool) -> None:
    from hues.assist.photos.jobs import announce  # the queue is there once all rooms are

    announce(file_id, is_video)


WHEN_STORED.append(_begin)
