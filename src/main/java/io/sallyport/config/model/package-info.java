/// Istio's traffic resources as plain immutable records, one component for each proto field, in the proto's
/// order and with the proto's JSON names (networking.istio.io v1, v1beta1 and v1alpha3 have the same fields).
///
/// How absence is written, as proto3 has it:
/// - `string` is never null: absent is `""`. Lists and maps are never null: absent is empty. They keep the file's
///   order.
/// - `int32`, `uint32` and `bool` have `0` and `false`; `uint32` above 2^31-1 saturates to [Integer#MAX_VALUE].
/// - messages, durations and the wrapper types (`BoolValue`, `UInt32Value`, ...) are `@Nullable`: null is absent.
/// - a oneof is a sealed type, or several `@Nullable` components of which the reader lets only one through.
///
/// `at` is where the object begins in its file.
@NullMarked
package io.sallyport.config.model;

import org.jspecify.annotations.NullMarked;
