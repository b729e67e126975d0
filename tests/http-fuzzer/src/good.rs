//! Requests that make sense.

/// A request as the server expects it.
#[derive(Clone, Debug)]
pub struct Good {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) is_steady: bool,
}

impl Good {
    /// Without a body. `target` is a path, and a query if there is one.
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
            is_steady: false,
        }
    }

    /// A `GET`.
    pub fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    /// With this header besides.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With this body, said to be JSON.
    #[must_use]
    pub fn json(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    /// It is answered by 200 whatever was asked before.
    #[must_use]
    pub const fn steady(mut self) -> Self {
        self.is_steady = true;
        self
    }
}
