-- The zones stay: the clock of `Factory` is that of UTC.
SELECT 1;
