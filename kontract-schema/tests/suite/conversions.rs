//! Converts every type into every other, with a value in the table. The suggested migration converts
//! the value, or fails and changes nothing, or has a placeholder. It never changes a value silently.

use kontract_schema::dialect::Dialect;
use kontract_schema::gate::{ManualFile, gate};
use kontract_schema::lock::{self, LockFile};
use kontract_schema::model::types::Type;
use kontract_schema::model::{Field, Layout, Schema, Table};
use serde_json::{Value, json};

use crate::database::{Live, creates_twice, texts};
use crate::random_schemas::{blank, plain};

const LAYOUTS: [Layout; 2] = [Layout::Columns, Layout::Document];

/// Types, with values that a wrong conversion would change.
fn samples() -> Vec<(Type, Vec<Value>)> {
    let list = |ty| Type::Array(Box::new(ty));
    let uuid = "0191b3c8-0000-7000-8000-0000000000ff";
    vec![
        (
            Type::String,
            vec![
                json!("x"),
                json!("12"),
                json!("1.5"),
                json!("999999"),
                json!("9223372036854775808"),
                json!(""),
                json!("true"),
                json!(uuid),
                json!("{\"a\": 1}"),
                json!("draft"),
            ],
        ),
        (Type::Number, vec![json!(0.30000000000000004), json!(3.9), json!(-7.0), json!(1e300)]),
        (Type::Boolean, vec![json!(true), json!(false)]),
        (Type::Bigint, vec![json!(0), json!(200), json!(i64::MAX), json!(-40000)]),
        (Type::Int8, vec![json!(-128), json!(1)]),
        (Type::Int32, vec![json!(70000), json!(-1)]),
        (Type::Uint16, vec![json!(65535)]),
        (Type::Uint32, vec![json!(4294967295u32)]),
        (Type::Float32, vec![json!(0.5)]),
        (Type::Uuid, vec![json!(uuid)]),
        (Type::Decimal, vec![json!("12.50"), json!("-3")]),
        (Type::Json, vec![json!({"a": [1, null]}), json!("text"), json!(null)]),
        (Type::Bytes, vec![json!("raw")]),
        (Type::Enum(vec!["draft".into(), "done".into()]), vec![json!("done")]),
        (list(Type::String), vec![json!(["a", "7"]), json!([])]),
        (list(Type::Bigint), vec![json!([1, 300]), json!([])]),
        (list(Type::Number), vec![json!([0.30000000000000004, 2.0])]),
        (list(Type::Boolean), vec![json!([true, false])]),
        (list(Type::Enum(vec!["draft".into()])), vec![json!(["draft"])]),
    ]
}

/// The value after a conversion to another type. Returns `None` if the conversion must fail.
fn converted(from: &Type, to: &Type, value: &Value) -> Option<Value> {
    let is_float = |ty: &Type| matches!(ty, Type::Number | Type::Float32);
    if let Some((least, most)) = to.whole_range() {
        let number = match value {
            Value::Number(_) if is_float(from) => {
                let number = value.as_f64()?;
                (number.fract() == 0.0 && number.abs() < 9e18).then_some(number as i64)?
            }
            Value::Number(number) => number.as_i64()?,
            Value::String(text) if *from == Type::Decimal => {
                text.parse::<f64>().ok().filter(|number| number.fract() == 0.0)? as i64
            }
            Value::String(text) => text.parse().ok()?,
            Value::Bool(value) => i64::from(*value),
            Value::Array(items) => {
                return items
                    .first()
                    .map_or(Some(Value::Null), |first| converted(element(from), to, first));
            }
            _ => return None,
        };
        return (least..=most).contains(&number).then(|| json!(number));
    }
    Some(match (from, to, value) {
        (_, _, value) if from == to => value.clone(),
        (Type::Array(from), Type::Array(to), Value::Array(items)) => {
            items.iter().map(|item| converted(from, to, item)).collect::<Option<Vec<_>>>()?.into()
        }
        (_, Type::Array(_), Value::Null) => Value::Null,
        (from, Type::Array(to), value) => json!([converted(from, to, value)?]),
        (_, Type::Json, value) if *from != Type::String => value.clone(),
        // In a column the text is parsed as JSON. In a document it becomes a JSON string.
        (_, Type::Json, Value::String(text)) => serde_json::from_str(text).ok()?,
        (Type::Array(from), to, Value::Array(items)) => match items.first() {
            Some(first) => converted(from, to, first)?,
            None => Value::Null,
        },
        (_, Type::String | Type::Bytes, Value::String(text)) => json!(text),
        (_, Type::String, value) => json!(value.to_string()),
        (_, Type::Float32, Value::Number(number)) => {
            Some(number.as_f64()? as f32).filter(|number| number.is_finite()).map(Value::from)?
        }
        (_, Type::Boolean, Value::Number(number)) => json!(number.as_f64()? != 0.0),
        (_, Type::Boolean, Value::String(text)) => match text.as_str() {
            "true" | "1" => json!(true),
            "false" | "0" => json!(false),
            _ => return None,
        },
        (_, to, Value::Bool(value)) if is_float(to) => json!(f64::from(u8::from(*value))),
        (_, to, Value::Number(number)) if is_float(to) => json!(number.as_f64()?),
        (_, to, Value::String(text)) if is_float(to) => json!(text.parse::<f64>().ok()?),
        (_, Type::Decimal, Value::Bool(value)) => json!(u8::from(*value).to_string()),
        (_, Type::Decimal, Value::Number(number)) => json!(number.to_string()),
        (_, Type::Decimal, Value::String(text)) => {
            text.parse::<f64>().ok()?;
            json!(text)
        }
        (_, Type::Uuid, Value::String(text)) => (text.len() == 36).then(|| json!(text))?,
        (_, Type::Enum(names), Value::String(text)) => names.contains(text).then(|| json!(text))?,
        _ => return None,
    })
}

fn element(ty: &Type) -> &Type {
    match ty {
        Type::Array(element) => element,
        ty => ty,
    }
}

/// Whether two values are equal, however the database formats numbers.
fn are_equal(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse::<f64>().ok(),
        value => value.as_f64(),
    };
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_equal(a, b))
        }
        _ if a == b => true,
        _ => {
            matches!((number(a), number(b)), (Some(a), Some(b)) if a == b || (b as f32 as f64) == b && (a as f32) == (b as f32))
        }
    }
}

fn schema(ty: &Type, layout: Layout, optional: bool) -> Schema {
    let mut table: Table = blank("posts", layout);
    table.schema.push(Field { optional, ..plain("v", ty.clone()) });
    Schema { tables: [("posts".to_owned(), table)].into() }
}

/// A value as a column of its type holds it.
fn literal(dialect: Dialect, ty: &Type, value: &Value) -> String {
    match (ty, value, dialect) {
        (Type::Json, value, _) => dialect.literal(&value.to_string()),
        (_, Value::Null, _) => "NULL".to_owned(),
        (Type::Array(element), Value::Array(items), Dialect::Postgres) => {
            let word = match &**element {
                Type::Bigint => "BIGINT[]",
                Type::Number => "DOUBLE PRECISION[]",
                Type::Boolean => "BOOLEAN[]",
                _ => "TEXT[]",
            };
            let items: Vec<_> = items.iter().map(|i| literal(dialect, element, i)).collect();
            format!("ARRAY[{}]::{word}", items.join(", "))
        }
        (Type::Array(_), ..) => dialect.literal(&value.to_string()),
        (Type::Bytes, Value::String(text), Dialect::Sqlite) => {
            format!("CAST({} AS BLOB)", dialect.literal(text))
        }
        (_, Value::Bool(value), Dialect::Sqlite) => u8::from(*value).to_string(),
        (_, Value::String(text), _) => dialect.literal(text),
        (_, value, _) => value.to_string(),
    }
}

fn insert(dialect: Dialect, schema: &Schema, value: &Value) -> String {
    let table = &schema.tables["posts"];
    let ty = &table.field("v").unwrap().ty;
    match table.layout {
        Layout::Columns => {
            format!("INSERT INTO posts (id, v) VALUES (1, {})", literal(dialect, ty, value))
        }
        Layout::Document => {
            let data = dialect.literal(&json!({"id": 1, "v": value}).to_string());
            format!(
                "INSERT INTO {} (id, data, _txid, _owner, _order) VALUES (1, {data}, 1, 'o', 1)",
                table.ptr
            )
        }
    }
}

/// The value of the row, as JSON.
fn stored<L: Live>(live: &mut L, schema: &Schema) -> Option<Value> {
    let table = &schema.tables["posts"];
    let ty = &table.field("v").unwrap().ty;
    let sql = match (table.layout, L::DIALECT) {
        (Layout::Document, Dialect::Postgres) => "(data->'v')::text",
        (Layout::Document, Dialect::Sqlite) => "CAST(data->'$.v' AS TEXT)",
        (Layout::Columns, Dialect::Postgres) if *ty == Type::Bytes => {
            "to_jsonb(convert_from(v, 'UTF8'))::text"
        }
        (Layout::Columns, Dialect::Postgres) => "to_jsonb(v)::text",
        (Layout::Columns, Dialect::Sqlite) => {
            "CASE typeof(v) WHEN 'real' THEN quote(v) ELSE CAST(v AS TEXT) END"
        }
    };
    let text = live.texts(&format!("SELECT {sql} FROM {}", table.ptr)).pop()?;
    let Some(text) = text else { return Some(Value::Null) };
    let plain_text = table.layout == Layout::Columns && L::DIALECT == Dialect::Sqlite;
    Some(match ty {
        Type::String | Type::Bytes | Type::Uuid | Type::Decimal | Type::Enum(_) if plain_text => {
            json!(text)
        }
        Type::Boolean if plain_text => json!(text == "1"),
        _ => serde_json::from_str(&text).unwrap_or_else(|_| panic!("{ty}: `{text}` is not JSON")),
    })
}

/// The result of a conversion.
#[derive(Debug)]
enum Outcome {
    Placeholder,
    Refused(String),
    Is(Value),
}

fn run<L: Live>(live: &mut L, a: &Schema, b: &Schema, value: &Value) -> Outcome {
    let lock = LockFile::default().with_schema(a.clone());
    let found = gate(&lock, b, None);
    let shown = found.problems.iter().find_map(|problem| problem.migration.clone());
    let script = match shown {
        None => found.draft.expect("a draft, or a migration to write").sql,
        Some(text) => {
            let record = lock::Manual { file: "0001_remedy.sql".into(), checksum: String::new() };
            let file = ManualFile { name: "remedy", text: &text, record: &record };
            // The plan exists even if its data loss is not accepted.
            match gate(&lock, b, Some(file)).plan {
                Some(plan) => plan.migration.sql,
                None => {
                    // The other database may have a conversion; the placeholder is for both.
                    assert!(text.contains("<value for "), "{text}");
                    return Outcome::Placeholder;
                }
            }
        }
    };
    creates_twice(live, a).unwrap();
    live.run(&[insert(L::DIALECT, a, value)], false).unwrap();
    let script = script.for_dialect(L::DIALECT);
    match live.run(&texts(&script.up), script.rebuild) {
        Err(error) => Outcome::Refused(error),
        Ok(()) => Outcome::Is(stored(live, b).expect("the row is still there")),
    }
}

/// If only one of the databases can convert a value, both have a placeholder, so that they do the same.
pub fn no_value_changes_silently<L: Live>(live: &mut L) {
    let (mut right, mut refused, mut asked) = (0, 0, 0);
    let mut wrong: Vec<String> = Vec::new();
    for (from, values) in samples() {
        for (to, _) in samples().iter().filter(|(to, _)| *to != from) {
            for layout in LAYOUTS {
                // In a document a text becomes a JSON string. In a column it is parsed as JSON.
                let in_json = *to == Type::Json && layout == Layout::Document;
                for value in &values {
                    let (a, b) = (schema(&from, layout, true), schema(to, layout, true));
                    let expected =
                        if in_json { Some(value.clone()) } else { converted(&from, to, value) };
                    let what = format!("{layout:?}, {from} to {to}, {value}");
                    match (run(live, &a, &b, value), expected) {
                        (Outcome::Placeholder, _) => {
                            asked += 1;
                            break;
                        }
                        (Outcome::Refused(_), None) => refused += 1,
                        (Outcome::Refused(why), Some(_)) => {
                            wrong.push(format!("{what}: refused, {why}"));
                        }
                        (Outcome::Is(is), Some(expected)) if are_equal(&is, &expected) => {
                            right += 1
                        }
                        (Outcome::Is(is), expected) => {
                            wrong.push(format!("{what}: is {is}, not {expected:?}"));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(right > 400 && refused > 150, "{right} right, {refused} refused, {asked} asked");
}

/// A change of the layout keeps all values, also NULL.
pub fn layouts_keep_values<L: Live>(live: &mut L) {
    let (mut right, mut asked) = (0, 0);
    for (ty, values) in samples() {
        for (from, to) in [(LAYOUTS[0], LAYOUTS[1]), (LAYOUTS[1], LAYOUTS[0])] {
            for value in values.iter().chain([&Value::Null]) {
                let (a, b) = (schema(&ty, from, true), schema(&ty, to, true));
                match run(live, &a, &b, value) {
                    Outcome::Placeholder => asked += 1,
                    Outcome::Is(is) if are_equal(&is, value) => right += 1,
                    other => panic!("{from:?} to {to:?}, {ty}, {value}: {other:?}"),
                }
            }
        }
    }
    assert!(right > 60 && asked == 4, "{right} right, {asked} asked");
}

/// Types of PostgreSQL that a field can have beside those of Rust types.
const OWN: [&str; 30] = [
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric(10,2)",
    "boolean",
    "text",
    "varchar(5)",
    "char(3)",
    "bytea",
    "uuid",
    "json",
    "jsonb",
    "date",
    "time(3)",
    "timetz",
    "timestamp(3)",
    "timestamptz(3)",
    "interval",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "bit(8)",
    "varbit",
    "int4range",
    "int4multirange",
    "tsvector",
    "text[]",
];

/// Changes the type of a column to each other type. `can_cast` tells whether PostgreSQL has a cast.
pub fn conversions_are_casts_that_exist(can_cast: impl Fn(&str, &str) -> bool) {
    let schema = |sql_type: &str| {
        let source = format!(
            "#[derive(Table)] #[table(layout = \"columns\")] struct Item {{
                #[primkey] id: i64, #[column(sql_type = \"{sql_type}\")] v: String }}"
        );
        crate::breaking::try_schema(&source, &Schema::default())
    };
    let known: Vec<(&str, Schema)> =
        OWN.iter().filter_map(|own| Some((*own, schema(own).ok()?))).collect();
    assert!(known.len() > 25, "only {}", known.len());
    let mut wrong = Vec::new();
    for (from, old) in &known {
        for (to, new) in known.iter().filter(|(to, _)| to != from) {
            let found = gate(&crate::breaking::sealed(old), new, None);
            let shown = found.problems.iter().find_map(|problem| problem.migration.clone());
            let Some(text) = shown else { continue };
            let up = text.split("-- down").next().unwrap_or_default();
            let casts = !up.contains("<value for v");
            if casts != can_cast(from, to) {
                wrong.push(format!("{from} → {to}: {casts}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
