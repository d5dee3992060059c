-- Texts of the window that training had not seen: how many, and the most frequent, as JSON; null for
-- numbers and where that cannot be told.
alter table drift_check add column unseen text;
