package push

// Kinds are the kinds of alerts that have words of their own.
func Kinds() []string {
	kinds := make([]string, 0, len(phrases))
	for kind := range phrases {
		kinds = append(kinds, kind)
	}
	return kinds
}

// WordsOf are the words of a kind that a phone shows.
func WordsOf(kind, locale string) (title, body string) {
	shown := phraseOf(kind).in(locale)
	return shown.title, shown.body
}
