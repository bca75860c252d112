package viid

import (
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"time"
)

// refusal is why a message is not taken. stale: the password was right and the challenge used up; without that word, clients that
// answer with the last challenge (RFC 7616 lets them) believe that their password is wrong.
type refusal struct {
	code  int
	stale bool
}

// caller finds which device sends: by the digest of its password, or, once it has registered, by its name from the same address.
// A name alone proves little: the listener belongs on a network of its own.
func (s *Server) caller(request *http.Request) (Account, refusal) {
	now, address := s.config.Now(), addressOf(request)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if failed := s.failing[address]; failed.times >= maxFailed && now.Before(failed.until) {
		return Account{}, refusal{code: http.StatusTooManyRequests}
	}
	header := request.Header.Get("Authorization")
	if header == "" {
		name := request.Header.Get("User-Identify")
		held, registered := s.sessions[name]
		path := request.URL.Path
		if !registered || held.address != address || !now.Before(held.until) || path == "/VIID/System/Register" {
			return Account{}, refusal{code: http.StatusUnauthorized}
		}
		s.sessions[name] = session{address, now.Add(sessionLife)}
		return s.accounts[name], refusal{}
	}
	given := parameters(header)
	account, known := s.accounts[given["username"]]
	until, issued := s.nonces[given["nonce"]]
	delete(s.nonces, given["nonce"]) // once
	fits := digestFits(given, request.Method, account.Password)
	fresh, here := issued && now.Before(until), given["uri"] == request.URL.RequestURI()
	if known && fits && fresh && here {
		delete(s.failing, address)
		return account, refusal{}
	}
	if !known || !fits { // one whose challenge has run out only asks for another
		s.failed(address, now)
	}
	return Account{}, refusal{code: http.StatusUnauthorized, stale: known && fits && here}
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
func (s *Server) refuse(answer http.ResponseWriter, why refusal) {
	if why.code == http.StatusUnauthorized {
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
		challenge := `Digest realm="` + realm + `", qop="auth", algorithm=MD5, nonce="` + nonce + `"`
		if why.stale {
			challenge += ", stale=true"
		}
		answer.Header().Set("WWW-Authenticate", challenge)
	} else {
		answer.Header().Set("Retry-After", "60")
	}
	answer.WriteHeader(why.code)
}

func addressOf(request *http.Request) string {
	host, _, err := net.SplitHostPort(request.RemoteAddr)
	if err != nil {
		return request.RemoteAddr
	}
	return host
}
