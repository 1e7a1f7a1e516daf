use super::*;

#[test]
fn each_id_and_name_is_used_once() {
    let mut keys: Vec<String> =
        all().flat_map(|rule| [rule.id.to_owned(), rule.name.to_owned()]).collect();
    keys.sort();
    let count = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), count);
}

/// `field_no_drop`: the name says by its verb what the default level is.
#[test]
fn names_have_one_grammar() {
    for rule in all() {
        let verbs = ["no", "same", "needs", "may"];
        let words: Vec<&str> = rule.name.split('_').collect();
        let found = words.iter().skip(1).find(|word| verbs.contains(word));
        let passes = rule.level.level() != Level::Deny;
        match found {
            Some(&"may") => assert!(passes, "{}", rule.name),
            Some(_) => assert!(!passes || rule.id == "I11", "{}", rule.name),
            None => panic!("{} has no verb", rule.name),
        }
    }
}

#[test]
fn explanations_have_one_form() {
    for rule in all() {
        let Explanation { title, why, postgres, sqlite, fix } = rule.explanation;
        let id = rule.id;
        assert!(!title.ends_with('.') && !title.is_empty(), "{id}: {title}");
        for text in [why, postgres, sqlite, fix] {
            assert!(text.is_empty() || text.ends_with('.'), "{id}: {text}");
        }
        assert!(!why.is_empty() && !postgres.is_empty() && !sqlite.is_empty(), "{id}");
    }
}
