CREATE TABLE IF NOT EXISTS departments (
  id BIGINT PRIMARY KEY,
  head BIGINT
);

CREATE TABLE IF NOT EXISTS employees (
  id BIGINT PRIMARY KEY,
  boss BIGINT,
  department BIGINT NOT NULL,
  CONSTRAINT employees_boss_fkey FOREIGN KEY (boss) REFERENCES employees (id),
  CONSTRAINT employees_department_fkey FOREIGN KEY (department) REFERENCES departments (id) ON DELETE CASCADE ON UPDATE RESTRICT
);

CREATE TABLE IF NOT EXISTS seats (
  room TEXT NOT NULL,
  place INTEGER NOT NULL,
  employee BIGINT,
  CONSTRAINT seats_pkey PRIMARY KEY (room, place),
  CONSTRAINT seats_employee_fkey FOREIGN KEY (employee) REFERENCES employees (id)
);

CREATE UNIQUE INDEX IF NOT EXISTS seats_employee_key ON seats (employee);

DO $$ BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_constraint
    WHERE conname = 'departments_head_fkey' AND conrelid = 'departments'::regclass
  ) THEN
    ALTER TABLE departments ADD CONSTRAINT departments_head_fkey FOREIGN KEY (head) REFERENCES employees (id) ON DELETE SET NULL;
  END IF;
END $$;
