extension Duration {
    /// This duration in nanoseconds, rounded towards zero.
    ///
    /// Saturates at the ends of `Int64` (about 292 years either way).
    @inlinable
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds.multipliedSaturated(by: 1_000_000_000).addingSaturated(attoseconds / 1_000_000_000)
    }
}
