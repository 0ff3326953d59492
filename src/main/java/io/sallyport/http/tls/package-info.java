/// The one TLS message that is read without taking part in TLS: the ClientHello, which says where a connection goes.
@NullMarked
package io.sallyport.http.tls;

import org.jspecify.annotations.NullMarked;
