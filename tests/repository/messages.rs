//! The length of the messages that the tests expect.

use std::fs;

use crate::files;

/// The number of lines that a message has at most, as Kontract writes it.
const MAX_LINES: usize = 12;

/// The messages of a text, each with its lines: one begins with its code at the start of a line, or
/// after `error: ` or `warning: `, and ends before rustc's frame, an empty line or another message.
fn messages(text: &str) -> Vec<Vec<&str>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        let is_start = ["", "error: ", "warning: "].iter().any(|before| {
            line.strip_prefix(before).is_some_and(|rest| rest.starts_with("kontract["))
        });
        let trimmed = line.trim_start();
        let is_end = trimmed.is_empty()
            || trimmed.starts_with("-->")
            || line.starts_with("error") && !is_start
            || line.starts_with("ready-made migration");
        if is_start {
            found.push(vec![line]);
        } else if is_inside && !is_end {
            found.last_mut().expect("a message that began").push(line);
        }
        is_inside = is_start || is_inside && !is_end;
    }
    found
}

#[test]
fn a_message_has_at_most_12_lines() {
    for (dir, ending, least) in
        [("tests/ui", ".stderr", 190), ("tests/breaking", "expected.txt", 100)]
    {
        let mut seen = 0;
        for path in files::below(dir) {
            if !path.to_string_lossy().ends_with(ending) {
                continue;
            }
            let text = fs::read_to_string(&path).expect("UTF-8");
            for message in messages(&text) {
                seen += 1;
                let text = message.join("\n");
                assert!(message.len() <= MAX_LINES, "{} lines in {path:?}:\n{text}", message.len());
            }
        }
        assert!(seen >= least, "only {seen} messages in {dir}");
    }
}

#[test]
fn the_frame_of_rustc_is_not_part_of_a_message() {
    let text = "error: kontract[K0021]: a\n       help: b\n --> x.rs:4:12\n  |\n4 | x\n\nkontract[K0001]: c\nnote: d\n\nerror[E0277]: e\n";
    assert_eq!(
        messages(text),
        [
            vec!["error: kontract[K0021]: a", "       help: b"],
            vec!["kontract[K0001]: c", "note: d"]
        ]
    );
}
