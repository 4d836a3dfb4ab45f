/// How much nesting and how many bytes a JSON text may have before it is refused.
package struct JSONLimits: Equatable, Sendable {
    /// Objects and arrays inside each other; the outermost counts one. Parsing, writing and freeing a value
    /// recurse this deep, so keep it well below a few thousand.
    package var maximumDepth: Int
    /// Longest text in bytes; nil for no limit of its own.
    package var maximumBytes: Int?
    /// Most values, of every kind and all together: each takes far more memory than its text; nil for no limit.
    package var maximumValues: Int?

    package init(maximumDepth: Int = 64, maximumBytes: Int? = nil, maximumValues: Int? = nil) {
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
        self.maximumValues = maximumValues
    }
}
