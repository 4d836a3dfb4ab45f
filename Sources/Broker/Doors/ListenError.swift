/// Why a door could not be opened: what, where, and what to do.
package struct ListenError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
