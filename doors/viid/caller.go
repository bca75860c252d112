package viid

import (
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"time"
)

// caller finds which device sends: by the digest of its password, or, once it has registered, by its name from the same address.
// A name alone proves little: the listener belongs on a network of its own.
func (s *Server) caller(request *http.Request) (Account, int) {
	now, address := s.config.Now(), addressOf(request)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if failed := s.failing[address]; failed.times >= maxFailed && now.Before(failed.until) {
		return Account{}, http.StatusTooManyRequests
	}
	header := request.Header.Get("Authorization")
	if header == "" {
		name := request.Header.Get("User-Identify")
		held, registered := s.sessions[name]
		path := request.URL.Path
		if !registered || held.address != address || !now.Before(held.until) || path == "/VIID/System/Register" {
			return Account{}, http.StatusUnauthorized
		}
		s.sessions[name] = session{address, now.Add(sessionLife)}
		return s.accounts[name], 0
	}
	given := parameters(header)
	account, known := s.accounts[given["username"]]
	until, issued := s.nonces[given["nonce"]]
	delete(s.nonces, given["nonce"]) // once
	fits := digestFits(given, request.Method, account.Password)
	if known && fits && issued && now.Before(until) && given["uri"] == request.URL.RequestURI() {
		delete(s.failing, address)
		return account, 0
	}
	if !known || !fits { // one whose challenge has run out only asks for another
		s.failed(address, now)
	}
	return Account{}, http.StatusUnauthorized
}

func (s *Server) failed(address string, now time.Time) {
	failed := s.failing[address]
	if !now.Before(failed.until) {
		failed = counted{until: now.Add(failedLife)}
	}
	failed.times++
	if len(s.failing) >= maxFailing {
		clear(s.failing)
	}
	s.failing[address] = failed
}

// refuse answers who is not known, with a challenge.
func (s *Server) refuse(answer http.ResponseWriter, code int) {
	if code == http.StatusUnauthorized {
		random := make([]byte, 16)
		if _, err := io.ReadFull(s.config.Random, random); err != nil {
			answer.WriteHeader(http.StatusInternalServerError)
			return
		}
		nonce, now := hex.EncodeToString(random), s.config.Now()
		s.mutex.Lock()
		for old, until := range s.nonces {
			if !now.Before(until) {
				delete(s.nonces, old)
			}
		}
		if len(s.nonces) >= maxNonces {
			clear(s.nonces)
		}
		s.nonces[nonce] = now.Add(nonceLife)
		s.mutex.Unlock()
		answer.Header().Set("WWW-Authenticate", `Digest realm="`+realm+`", qop="auth", algorithm=MD5, nonce="`+nonce+`"`)
	} else {
		answer.Header().Set("Retry-After", "60")
	}
	answer.WriteHeader(code)
}

func addressOf(request *http.Request) string {
	host, _, err := net.SplitHostPort(request.RemoteAddr)
	if err != nil {
		return request.RemoteAddr
	}
	return host
}
