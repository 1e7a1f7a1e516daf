//! Bytes, identifiers, JSON and types of the network.

use kontract::value::{Bits, MacAddr};

column_type!(
    boolean: [bool],
    [false, true, true],
    documents documents, lists lists, keys keys,
);
column_type!(
    byte_list: [Vec<u8>],
    [vec![], vec![0, 255], vec![1]],
    documents documents, keys keys,
);
column_type!(
    bytes: [kontract::Bytes],
    [vec![].into(), vec![0, 255].into(), vec![1].into()],
    documents documents, lists lists, keys keys,
);
column_type!(uuid: [Uuid], [Uuid::nil(), Uuid::from_u128(7), Uuid::max()], documents documents, lists lists, keys keys);
column_type!(json: [kontract::Json], [1.into(), 2.into(), serde_json::json!({"a": [null]})], documents documents, lists lists);
column_type!(
    address: [std::net::IpAddr],
    [of("9.255.0.1"), of("10.0.0.0"), of("::1")],
    documents documents, lists lists, keys keys,
);
column_type!(
    net: [kontract::value::IpNet],
    [of("10.0.0.0/8"), of("10.0.0.1/8"), of("2001:db8::/32")],
    documents documents, lists lists, keys keys,
);
column_type!(
    cidr: [kontract::value::IpNet] as "cidr" and "cidr[]",
    [of("9.0.0.0/8"), of("10.0.0.0/8"), of("2001:db8::/32")],
    documents documents, lists lists, keys keys,
);
column_type!(
    mac: [kontract::value::MacAddr],
    [MacAddr([0; 6]), MacAddr([8, 0, 0x2b, 1, 2, 3]), MacAddr([255; 6])],
    documents documents, lists lists, keys keys,
);
column_type!(
    mac8: [String] as "macaddr8" and "macaddr8[]",
    [
        "00:00:00:00:00:00:00:01".to_owned(),
        "08:00:2b:01:02:03:04:05".to_owned(),
        "ff:ff:ff:ff:ff:ff:ff:ff".to_owned(),
    ],
    documents documents, lists lists, keys keys,
);
column_type!(
    bits: [kontract::value::Bits],
    [Bits(vec![]), Bits(vec![false, true]), Bits(vec![true])],
    documents documents, lists lists, keys keys,
);
column_type!(
    three_bits: [kontract::value::Bits] as "bit(3)" and "bit(3)[]",
    [Bits(vec![false; 3]), Bits(vec![false, true, true]), Bits(vec![true; 3])],
    documents documents, lists lists, keys keys,
    refused [Bits(vec![true; 2]), Bits(vec![true; 4])],
);
