DROP INDEX participants_pledging;
