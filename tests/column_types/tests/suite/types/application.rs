//! Enums, newtypes and documents: types of the application.

use kontract_column_types::types::*;

column_type!(
    status in kontract_column_types::tables::status,
    [Status::Draft, Status::Published, Status::Withdrawn],
    documents documents, lists lists, keys keys,
);
column_type!(
    mood in kontract_column_types::tables::mood,
    [Mood::Sad, Mood::Good, Mood::Best],
    documents documents, lists lists, keys keys,
);
column_type!(
    weather in kontract_column_types::tables::weather,
    [Weather(Mood::Sad), Weather(Mood::Good), Weather(Mood::Best)],
    documents documents, lists lists, keys keys,
);
column_type!(
    user_id in kontract_column_types::tables::user_id,
    [UserId(Uuid::nil()), UserId(Uuid::from_u128(7)), UserId(Uuid::max())],
    documents documents, lists lists, keys keys,
);
column_type!(
    email in kontract_column_types::tables::email,
    [Email("".to_owned()), Email("a".to_owned()), Email("b".to_owned())],
    documents documents, lists lists, keys keys,
);
column_type!(
    cents in kontract_column_types::tables::cents,
    [Cents(i64::MIN), Cents(0), Cents(i64::MAX)],
    documents documents, lists lists, keys keys,
);
column_type!(
    host in kontract_column_types::tables::host,
    [Host(of("9.255.0.1")), Host(of("10.0.0.0")), Host(of("::1"))],
    documents documents, lists lists, keys keys,
);
column_type!(
    tags in kontract_column_types::tables::tags,
    [Tags(vec![]), Tags(vec!["a".to_owned(), "b".to_owned()]), Tags(vec!["b".to_owned()])],
    documents documents,
);
column_type!(
    address in kontract_column_types::tables::address,
    [address("a", None), address("b", Some(1)), address("b", Some(2))],
    documents documents, lists lists,
);

fn address(street: &str, number: Option<i32>) -> Address {
    Address { street: street.to_owned(), number }
}
