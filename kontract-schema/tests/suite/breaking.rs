//! One case for each row of the specification.
