//! Statements in JSON, in a form that a review can read line by line: a statement of one line is a
//! string, a statement of several lines a list of its lines.

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
        if self.0.contains('\n') {
            to.collect_seq(self.0.split('\n'))
        } else {
            to.serialize_str(self.0)
        }
    }
}

/// The serde functions for one statement.
pub mod one {
    use super::*;

    pub fn serialize<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
        Lines(text).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        Ok(match Statement::deserialize(from)? {
            Statement::One(text) => text,
            Statement::Lines(lines) => lines.join("\n"),
        })
    }
}

/// A statement in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(#[serde(with = "one")] pub String);

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn lines_come_back() {
        let texts = ["SELECT 1", "CREATE TABLE t (\n  a INT\n)", "\n", ""];
        let texts = texts.map(|text| Text(text.to_owned()));
        let json = serde_json::to_string(&texts).expect("JSON");
        assert_eq!(json, r#"["SELECT 1",["CREATE TABLE t (","  a INT",")"],["",""],""]"#);
        assert_eq!(serde_json::from_str::<[Text; 4]>(&json).ok(), Some(texts));
    }
}
