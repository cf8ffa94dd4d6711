"""AWS itself: sessions and roles, the polite request scheduler, the read-only guard, recording and replay."""
