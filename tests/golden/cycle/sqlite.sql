CREATE TABLE IF NOT EXISTS departments (
  id INTEGER NOT NULL PRIMARY KEY,
  head INTEGER,
  CONSTRAINT departments_head_fkey FOREIGN KEY (head) REFERENCES employees (id) ON DELETE SET NULL
) STRICT;

CREATE TABLE IF NOT EXISTS employees (
  id INTEGER NOT NULL PRIMARY KEY,
  boss INTEGER,
  department INTEGER NOT NULL,
  CONSTRAINT employees_boss_fkey FOREIGN KEY (boss) REFERENCES employees (id),
  CONSTRAINT employees_department_fkey FOREIGN KEY (department) REFERENCES departments (id) ON DELETE CASCADE ON UPDATE RESTRICT
) STRICT;

CREATE TABLE IF NOT EXISTS seats (
  room TEXT NOT NULL,
  place INTEGER NOT NULL,
  employee INTEGER,
  CONSTRAINT seats_pkey PRIMARY KEY (room, place),
  CONSTRAINT seats_employee_fkey FOREIGN KEY (employee) REFERENCES employees (id)
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS seats_employee_key ON seats (employee);
