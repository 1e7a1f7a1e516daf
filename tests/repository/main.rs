//! Checks of the repository itself: its layers, its words, its codes and its dependencies.

mod codes;
mod dependencies;
mod files;
mod graph;
mod layers;
mod matches;
mod messages;
mod reference;
mod words;
