"""The help: short pages that ship with the product, readable offline.

The window makes ``HelpPresenter(folder, navigate)``, with the folder ``resources/help``, and ``HelpView(presenter)``;
for ``OpenHelp`` it calls ``presenter.open(topic)`` and brings the view to the front.
"""
