use kontract::prelude::*;

#[derive(Value)]
pub struct Name(pub String);

fn name() -> kontract::expr::Expr<(), Name> {
    unimplemented!()
}

fn main() {
    let _ = name().plus(Name("a".into()));
}
