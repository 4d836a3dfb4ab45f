import Testing

/// The error that `body` throws.
///
/// Not by `#expect(throws:)`: within a macro `#line` is that of the macro, and here it is what is looked at.
func failure<Failure: Error>(
    of type: Failure.Type = Failure.self, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void
) async throws -> Failure {
    do {
        try await body()
    } catch let failure as Failure {
        return failure
    }
    throw Unfailing(description: "this was to throw \(type)")
}

private struct Unfailing: Error, CustomStringConvertible {
    let description: String
}
