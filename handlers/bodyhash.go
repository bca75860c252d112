package handlers

import "xunfang/auth"

// bodyHash is what is kept of a request to tell its repeat from another one: keyed, for by a plain hash whoever has the database
// could check what they guess that somebody wrote.
func (h *Server) bodyHash(content []byte) []byte {
	return h.Keys.CodeMAC("request_body", string(content))
}

// sameBody says whether what was kept of the first request is that of this one. Of requests from before their hashes were keyed
// nothing is left: the id, and whose it is, must do.
func sameBody(first, now []byte) bool { return len(first) == 0 || auth.SameBytes(first, now) }
