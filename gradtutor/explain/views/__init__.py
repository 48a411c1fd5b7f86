"""Views of a derivation: gate by gate, rule by rule, forks, three ways."""
