//! Generates a test on both databases for each block of Rust in README.md and some pages of `docs/`. A
//! block becomes the body of an `async` function with a `storage` of `examples/tasks`.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let mut tests = String::new();
    for page in ["README", "docs/queries", "docs/coming-from"] {
        let path = format!("../../{page}.md");
        println!("cargo::rerun-if-changed={path}");
        let text = std::fs::read_to_string(&path).expect("the page can be read");
        let name = page.to_lowercase().replace(['-', '/'], "_");
        // A whole program is not a snippet. The tests in tests/e2e build programs.
        let parts = blocks(&text).into_iter().filter(|(_, block)| !block.contains("fn main()"));
        for (line, block) in parts {
            write!(
                tests,
                "kontract_test_support::both! {{ async fn {name}_line_{line}(url: &str) {{\n\
                 let storage = demo(url).await;\n\
                 let work = async {{\n{block}\nOk::<(), kontract::Error>(()) }};\n\
                 work.await.unwrap();\n\
                 storage.close().await;\n}} }}\n\n"
            )
            .expect("a text can be written to");
        }
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&out).join("examples.rs"), tests).expect("cargo's directory");
}

/// The blocks that begin with ```` ```rust ````, and the lines on which they begin, from 1.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (line, text) in (1..).zip(text.lines()) {
        match (&mut open, text) {
            (None, "```rust") => open = Some((line, String::new())),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some((_, block)), text) => *block += &format!("{text}\n"),
            (None, _) => {}
        }
    }
    blocks
}
