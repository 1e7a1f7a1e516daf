//! Statements in JSON so that a review reads them line by line: a statement of one line is a text,
//! one of several lines a list of its lines.

use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Statement {
    One(String),
    Lines(Vec<String>),
}

struct Lines<'a>(&'a str);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.contains('\n') {
            true => to.collect_seq(self.0.split('\n')),
            false => to.serialize_str(self.0),
        }
    }
}

pub fn serialize<S: Serializer>(statements: &[String], to: S) -> Result<S::Ok, S::Error> {
    let mut list = to.serialize_seq(Some(statements.len()))?;
    for statement in statements {
        list.serialize_element(&Lines(statement))?;
    }
    list.end()
}

pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let statements = Vec::<Statement>::deserialize(from)?.into_iter();
    let text = |statement| match statement {
        Statement::One(text) => text,
        Statement::Lines(lines) => lines.join("\n"),
    };
    Ok(statements.map(text).collect())
}

/// The same for statements that may be absent.
pub mod optional {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Statements(#[serde(with = "super")] Vec<String>);

    pub fn serialize<S: Serializer>(
        statements: &Option<Vec<String>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        statements.clone().map(Statements).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Vec<String>>, D::Error> {
        let statements = Option::<Statements>::deserialize(from)?;
        Ok(statements.map(|Statements(statements)| statements))
    }
}

#[cfg(test)]
mod tests {
    use crate::lock::Script;

    #[test]
    fn lines_come_back() {
        let script = Script {
            up: vec![
                "SELECT 1".into(),
                "CREATE TABLE t (\n  a INT\n)".into(),
                "\n".into(),
                "".into(),
            ],
            down: Some(vec!["DROP\nTABLE t".into()]),
            ..Script::default()
        };
        let json = serde_json::to_string(&script).expect("JSON");
        assert_eq!(
            json,
            r#"{"up":["SELECT 1",["CREATE TABLE t (","  a INT",")"],["",""],""],"down":[["DROP","TABLE t"]]}"#
        );
        assert_eq!(serde_json::from_str::<Script>(&json).ok(), Some(script));
    }
}
