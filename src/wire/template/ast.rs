//! What a template is once it is parsed.

use super::funcs::Function;

/// What stands between two tags.
pub(super) type List = Vec<Node>;

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Node {
    /// Text as it is.
    Text(String),
    /// `{{pipeline}}`: printed, unless it sets a variable.
    Action(Pipe),
    /// `{{if}}` or `{{with}}`, with each `{{else if}}` or `{{else with}}`.
    Choice {
        /// `with`: the value becomes dot.
        with: bool,
        branches: Vec<(Pipe, List)>,
        otherwise: List,
    },
    /// `{{range}}`.
    Range { over: Pipe, body: List, otherwise: List },
    /// `{{template}}`; `{{block}}` too, which also defines.
    Call { at: usize, name: String, data: Option<Pipe> },
    /// `{{break}}`.
    Break,
    /// `{{continue}}`.
    Continue,
}

/// Commands, each of which gets the value of the one before as its last argument.
#[derive(Debug)]
pub(super) struct Pipe {
    /// Offset in the source, in bytes; so are the others.
    pub(super) at: usize,
    /// The variables that it sets, with their `$`.
    pub(super) variables: Vec<String>,
    /// They are set with `=`, not made with `:=`.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
}

/// An operand with its arguments; never empty.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) first: Term,
    pub(super) arguments: Vec<Term>,
}

/// An operand and where it stands.
#[derive(Debug)]
pub(super) struct Term {
    pub(super) at: usize,
    pub(super) operand: Operand,
}

/// What a command is made of.
#[derive(Debug)]
pub(super) enum Operand {
    /// `.`
    Dot,
    /// `nil`
    Nil,
    Bool(bool),
    Number(Number),
    /// The value of a text constant: bytes, since `"\xff"` is one too.
    Text(Vec<u8>),
    /// `.A.B`
    Fields(Vec<String>),
    /// `$x.A.B`; `$x` alone has no fields.
    Variable(String, Vec<String>),
    Function(&'static Function),
    /// `(pipeline)`
    Pipe(Box<Pipe>),
    /// `(pipeline).A.B`, `function.A.B`
    Chain(Box<Term>, Vec<String>),
}

/// A number constant. Where the parameter it stands for tells no type, its spelling does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// Its value as a whole number, if it is one that fits.
    pub(super) int: Option<i64>,
    pub(super) float: f64,
    /// It is written as a floating-point number (`1.0`, `1e3`).
    pub(super) written_as_float: bool,
}
