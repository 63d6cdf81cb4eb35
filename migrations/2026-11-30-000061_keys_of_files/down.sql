-- The secrets were hashes of what nobody should know: they do not come back.
SELECT 1;
