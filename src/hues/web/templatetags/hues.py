"""Template words that every page may use. (Filled by the web room.)"""

from django import template

register = template.Library()
