package import JSON

/// The `state` of an update that turns one state of a shadow into another.
package enum ShadowPatch {
    /// What to send so that `present` becomes `wanted`: members that differ, and null for those that must go.
    ///
    /// Keys that are new come after those that stay; the order of keys is the only thing that does not come back. A nested object that
    /// is to be `{}` again is emptied, which needs ``ShadowSwitches/keepsEmptiedObjects``.
    /// - Parameters:
    ///   - present: the sections of the shadow as it is, such as `{"desired":…}`; empty when there is no shadow.
    ///   - wanted: the sections it shall have.
    /// - Returns: `nil` when nothing differs.
    package static func state(from present: JSONObject, to wanted: JSONObject) -> JSONObject? {
        var patch = JSONObject()
        for member in wanted.members {
            switch (present[member.key], member.value) {
            case (.object(let inner)?, .object(let wantedInner)):
                patch[member.key.text] = Self.state(from: inner, to: wantedInner).map { .object($0) }
            case (let value?, let wantedValue) where value.utf8 == wantedValue.utf8:
                // By text: `1` and `1.0` are equal, and not the same.
                continue
            case (_, let wantedValue):
                patch[member.key.text] = wantedValue
            }
        }
        for member in present.members where wanted[member.key] == nil { patch[member.key.text] = .null }
        return patch.isEmpty ? nil : patch
    }
}
