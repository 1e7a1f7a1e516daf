-- Rows to develop with: `kontract seed`, or `kontract refresh`. What is left out has its default.
INSERT INTO users (id, email, password_hash, name, role, google_id) VALUES
    ('0190a6e0-0000-7000-8000-000000000001', 'ann@example.org', 'argon2id$a', 'Ann', 'admin', NULL),
    ('0190a6e0-0000-7000-8000-000000000002', 'bob@example.org', 'argon2id$b', 'Bob', 'user', 'bob-at-google'),
    ('0190a6e0-0000-7000-8000-000000000003', 'cem@example.org', 'argon2id$c', 'Cem', 'user', NULL);

INSERT INTO tasks (id, user_id, title, status) VALUES
    ('0190a6e0-0000-7000-8000-000000000011', '0190a6e0-0000-7000-8000-000000000001', 'Buy milk', 'completed'),
    ('0190a6e0-0000-7000-8000-000000000012', '0190a6e0-0000-7000-8000-000000000001', 'Write a letter', 'pending'),
    ('0190a6e0-0000-7000-8000-000000000013', '0190a6e0-0000-7000-8000-000000000002', 'Buy bread', 'pending');

INSERT INTO notifications (id, user_id, type, title, message) VALUES
    ('0190a6e0-0000-7000-8000-000000000021', '0190a6e0-0000-7000-8000-000000000001', 'info', 'Welcome', 'It begins.'),
    ('0190a6e0-0000-7000-8000-000000000022', '0190a6e0-0000-7000-8000-000000000002', 'warning', 'Disk', 'It is full.');

INSERT INTO assets (id, user_id, filename, original_name, mime_type, size, path, url, metadata) VALUES
    ('0190a6e0-0000-7000-8000-000000000031', '0190a6e0-0000-7000-8000-000000000001', 'a1.png', 'cat.png', 'image/png',
     2000, 'uploads/a1.png', '/files/a1.png', '{"width": 640, "height": 480, "format": "png"}'),
    ('0190a6e0-0000-7000-8000-000000000032', '0190a6e0-0000-7000-8000-000000000002', 'b2.txt', 'notes.txt', 'text/plain',
     300, 'uploads/b2.txt', '/files/b2.txt', NULL);

INSERT INTO sessions (id, user_id, ip_address, user_agent, payload, last_activity) VALUES
    ('session-of-ann', '0190a6e0-0000-7000-8000-000000000001', '192.0.2.1', 'Firefox', '{}', 1700000000);
