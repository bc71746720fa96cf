"""Recordings: what is in them, which metadata belongs to which frame, pictures on demand.

In: files (MPEG-TS, MP4, bare KLV, photographs) and live addresses. Out: KLV bytes of every stream with their
places (`KlvStream`), every frame in order (`FrameIndex`), frames bound to metadata (`FrameClock`), pictures.
Follows ISO/IEC 13818-1, MISB ST 1402 and ST 0604.
"""
