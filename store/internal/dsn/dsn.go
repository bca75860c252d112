// Package dsn reads the address of a MySQL database; store and its test databases use it, and it knows the driver only.
package dsn

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
)

const scheme = "mysql://"

// errUnreadable says nothing of the text: it holds a password.
var errUnreadable = errors.New("mysql: cannot read the DSN; wants mysql://user:password@host:port/database " +
	"or user:password@unix(/path/socket)/database")

// MySQL reads mysql://user:password@host:port/database, where user and password are
// percent-encoded, or the driver's own user:password@net(address)/database, where they
// stand as they are. Options after ? are the driver's.
func MySQL(text string) (*mysql.Config, error) {
	rest, hasScheme := strings.CutPrefix(text, scheme)
	at := strings.LastIndexByte(rest, '@')
	if strings.Contains(rest[at+1:], "(") {
		return parse(rest)
	}
	if !hasScheme {
		return nil, errUnreadable
	}
	address, err := url.Parse(text)
	if err != nil || address.Host == "" {
		return nil, errUnreadable
	}
	options := ""
	if address.RawQuery != "" {
		options = "?" + address.RawQuery
	}
	host, port := address.Hostname(), address.Port()
	if port == "" {
		port = "3306"
	}
	settings, err := parse("tcp(" + net.JoinHostPort(host, port) + ")" + address.Path + options)
	if err != nil {
		return nil, err
	}
	settings.User = address.User.Username()
	settings.Passwd, _ = address.User.Password()
	return settings, nil
}

func parse(text string) (*mysql.Config, error) {
	settings, err := mysql.ParseDSN(text)
	if err != nil {
		return nil, errUnreadable
	}
	return settings, nil
}
