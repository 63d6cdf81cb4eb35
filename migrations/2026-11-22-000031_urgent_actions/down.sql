DROP TABLE tellings;
DROP TABLE subscriptions;
DROP TABLE urgent_actions;
